package controller

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/osac-project/terraform-provider-osac/internal/redact"
	"github.com/osac-project/terraform-provider-osac/internal/transport"
)

// authorize sets the credentials, without the characters that a file or an editor puts around them.
func (c *Client) authorize(s Settings) error {
	token, err := transport.CleanToken(s.Token)
	if err != nil {
		return err
	}
	username, password := strings.TrimSpace(s.Username), strings.TrimRight(s.Password, "\r\n")
	switch {
	case token != "":
		c.authorization = "Bearer " + token
		c.secrets = redact.Credentials(token)
	case strings.Contains(username, ":"):
		return errors.New("the username holds a colon, which basic authentication can't send")
	case username != "":
		pair := base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
		c.basic, c.lockout.basic = true, true
		c.authorization = "Basic " + pair
		c.secrets = redact.Credentials(pair, password)
	}
	return nil
}
