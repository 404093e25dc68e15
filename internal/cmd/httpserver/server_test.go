package httpserver

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
)

// ask is the status of an answer and what it says, or the error of asking.
func ask(t *testing.T, url string) (string, error) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func listen(t *testing.T) *Server {
	t.Helper()
	s, err := Listen(t.Context(), Loopback)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServe_finishesWhatIsOnItsWay(t *testing.T) {
	s := listen(t)
	ctx, interrupt := context.WithCancel(t.Context())
	asked, goOn, answered := make(chan struct{}), make(chan struct{}), make(chan string, 1)
	served := make(chan error, 1)
	go func() {
		served <- s.Serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			s.server.RegisterOnShutdown(func() { close(goOn) })
			close(asked)
			<-goOn
			_, _ = io.WriteString(w, "done") // what the client gets is looked at
		}))
	}()
	go func() {
		text, err := ask(t, s.URL)
		if err != nil {
			text = err.Error()
		}
		answered <- text
	}()
	<-asked
	interrupt()
	if got := <-answered; got != "done" {
		t.Errorf("the request on its way got %q", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if text, err := ask(t, s.URL); err == nil {
		t.Errorf("a request after the end got %q", text)
	}
}

func TestStop_tellsOfConnectionsAndFreesThePort(t *testing.T) {
	s := listen(t)
	states := make(chan http.ConnState, 10)
	s.Connection = func(_ net.Conn, state http.ConnState) { states <- state }
	s.Start(http.NotFoundHandler())
	if _, err := ask(t, s.URL); err != nil {
		t.Error(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("Stop = %v", err)
	}
	if first := <-states; first != http.StateNew {
		t.Errorf("the first state is %s, want %s", first, http.StateNew)
	}
	unused, err := Listen(t.Context(), s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := unused.Stop(t.Context()); err != nil {
		t.Errorf("Stop of what was not started = %v", err)
	}
	if err := s.listener.Close(); err == nil {
		t.Error("the listener was still open")
	}
}

func TestServe_failsWhereTheListenerDoes(t *testing.T) {
	s := listen(t)
	if err := s.listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context(), http.NotFoundHandler()); err == nil {
		t.Error("Serve = nil")
	}
}
