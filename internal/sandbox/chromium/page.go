package chromium

import (
	"errors"
	"fmt"
	"strings"
)

// Open shows a page, and returns once it is loaded.
func (b *Browser) Open(url string) error {
	var opened struct {
		LoaderID  string `json:"loaderId"`
		ErrorText string `json:"errorText"`
	}
	if err := b.Call("Page.navigate", map[string]any{"url": url}, &opened); err != nil {
		return err
	}
	if opened.ErrorText != "" {
		return errors.New(url + ": " + opened.ErrorText)
	}
	for {
		select {
		case loaded := <-b.loaded:
			if loaded == opened.LoaderID {
				return nil
			}
		case <-b.gone:
			return errors.New(url + ": the browser has ended")
		}
	}
}

// Evaluate runs JavaScript on the page, awaits the result if it is a promise, and reads its value, unless that is nil.
func (b *Browser) Evaluate(expression string, value any) error {
	var evaluated struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	evaluated.Result.Value = value
	parameters := map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}
	if err := b.Call("Runtime.evaluate", parameters, &evaluated); err != nil {
		return err
	}
	if thrown := evaluated.ExceptionDetails; thrown != nil {
		return fmt.Errorf("%s: %s %s", expression, thrown.Text, thrown.Exception.Description)
	}
	return nil
}

// Until waits for a condition in JavaScript, which is checked whenever the page changes.
func (b *Browser) Until(condition string) error {
	return b.Evaluate(`new Promise((done) => {
		const check = () => (`+condition+`) && done();
		new MutationObserver(check).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
		check();
	})`, nil)
}

// Prefer emulates a person's settings, such as prefers-color-scheme: dark.
func (b *Browser) Prefer(features map[string]string) error {
	list := []map[string]string{}
	for name, value := range features {
		list = append(list, map[string]string{"name": name, "value": value})
	}
	return b.Call("Emulation.setEmulatedMedia", map[string]any{"features": list}, nil)
}

// Screenshot returns the whole page as a PNG of that width.
func (b *Browser) Screenshot(width int) ([]byte, error) {
	size := map[string]any{"width": width, "height": 600, "deviceScaleFactor": 1, "mobile": false}
	if err := b.Call("Emulation.setDeviceMetricsOverride", size, nil); err != nil {
		return nil, err
	}
	var shot struct {
		Data []byte `json:"data"`
	}
	return shot.Data, b.Call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
}

// Outline returns the accessibility tree, with a line for each node that is not ignored: its role and its name.
func (b *Browser) Outline() ([]string, error) {
	type property struct {
		Value any `json:"value"`
	}
	var tree struct {
		Nodes []struct {
			Ignored bool     `json:"ignored"`
			Role    property `json:"role"`
			Name    property `json:"name"`
		} `json:"nodes"`
	}
	if err := b.Call("Accessibility.getFullAXTree", nil, &tree); err != nil {
		return nil, err
	}
	var lines []string
	for _, node := range tree.Nodes {
		if !node.Ignored {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%v %v", node.Role.Value, node.Name.Value)))
		}
	}
	return lines, nil
}
