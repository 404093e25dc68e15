package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/osac-project/terraform-provider-osac/internal/osac"
)

var (
	_ validator.String = JSONObject{}
	_ validator.String = ExtraVarsObject{}
)

// JSONObject accepts JSON objects. It never repeats the value, which may be secret, since CI logs show errors.
type JSONObject struct{}

// Description says what is accepted.
func (JSONObject) Description(context.Context) string { return "value must be a JSON object" }

// MarkdownDescription says what is accepted.
func (v JSONObject) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (JSONObject) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := DecodeObject(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a JSON object", fmt.Sprintf(
			"%s must be a JSON object, such as jsonencode({ key = \"value\" }): %s.", req.Path, err))
	}
}

// ExtraVarsObject accepts JSON objects that can be merged into a launch's extra vars.
type ExtraVarsObject struct{}

// Description says what is accepted.
func (ExtraVarsObject) Description(context.Context) string {
	return "value must be a JSON object that leaves osac_job_vars.resource and ansible_eda.event.payload alone"
}

// MarkdownDescription says what is accepted.
func (v ExtraVarsObject) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks a value.
func (ExtraVarsObject) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	JSONObject{}.ValidateString(ctx, req, resp)
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || resp.Diagnostics.HasError() {
		return
	}
	object, err := DecodeObject(req.ConfigValue.ValueString())
	if err == nil {
		err = osac.CheckExtraVars(object)
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Extra vars that can't be used", fmt.Sprintf("%s: %s.", req.Path, err))
	}
}

// DecodeObject reads a JSON object. Its errors give the place of a mistake, and never quote the text.
func DecodeObject(text string) (map[string]any, error) {
	if strings.HasPrefix(text, byteOrderMark) {
		return nil, errors.New("it begins with a byte order mark (U+FEFF), which JSON must not have: save the file as UTF-8 without one, or take it off by trimprefix(text, \"\\ufeff\")")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is no JSON, from byte %d on", decoder.InputOffset())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the end of the JSON document")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("it is %s", jsonKind(value))
	}
	if !readable(value) {
		return nil, errors.New("it has a number that is too large to be read by those who are given it")
	}
	if halfCharacter(text) {
		return nil, errors.New("it has half of a surrogate pair, such as \\ud83d alone, which stands for no character")
	}
	if at := keyTwice(text); at > 0 {
		return nil, fmt.Errorf("it has the same key twice in one object, the second up to byte %d: readers differ on which one counts", at)
	}
	return object, nil
}

// halfCharacter reports whether a JSON document has an escaped half of a surrogate pair without the other half. Each
// JSON reader turns it into something else.
func halfCharacter(document string) bool {
	for _, escaped := range escapedUnit.FindAllStringSubmatch(document, -1) {
		if escaped[1] != "" {
			return true
		}
	}
	return false
}

// escapedUnit finds escaped characters, pairs of surrogates first; its group is a single surrogate.
var escapedUnit = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.`)

// byteOrderMark is a mark that some editors write at the beginning of a file.
const byteOrderMark = "\ufeff"

// MarkedStart returns advice for a text that begins with a byte order mark, and an empty text for any other.
func MarkedStart(text string) string {
	if !strings.HasPrefix(text, byteOrderMark) {
		return ""
	}
	return "it begins with a byte order mark (U+FEFF): save the file that it comes from as UTF-8 without one"
}

// keyTwice returns the place where an object of a JSON document has a key for the second time; zero if there is none.
func keyTwice(text string) int64 {
	decoder := json.NewDecoder(strings.NewReader(text))
	// The keys of each open object; nil for each open list. isKey is set if a key or an object's end comes next.
	var open []map[string]bool
	isKey := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return 0
		}
		switch token {
		case json.Delim('{'):
			open, isKey = append(open, map[string]bool{}), true
			continue
		case json.Delim('['):
			open, isKey = append(open, nil), false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if key, ok := token.(string); ok && isKey {
				keys := open[len(open)-1]
				if keys[key] {
					return decoder.InputOffset()
				}
				keys[key], isKey = true, false
				continue
			}
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}

// readable reports whether all numbers in a document are in the range of JSON's readers, which is a double's. A
// controller stores a larger one as infinity, and then can't show the job any more.
func readable(value any) bool {
	switch value := value.(type) {
	case json.Number:
		_, err := value.Float64()
		return err == nil
	case []any:
		return !slices.ContainsFunc(value, func(element any) bool { return !readable(element) })
	case map[string]any:
		for _, element := range value {
			if !readable(element) {
				return false
			}
		}
	}
	return true
}

func jsonKind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	default:
		return "a number"
	}
}
