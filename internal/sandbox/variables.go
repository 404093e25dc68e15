package sandbox

import "fmt"

// parseVariables reads extra vars from a string: JSON, or else the YAML that people write on a command line.
func parseVariables(text string) (document, error) {
	if text == "" || text == `""` {
		return document{}, nil
	}
	value, jsonErr := parseJSON(text)
	if jsonErr == nil {
		if variables, ok := value.(document); ok {
			return variables, nil
		}
		return nil, cannotParse(notADictionary(value), notADictionary(value))
	}
	variables, yamlErr := parseYAML(text)
	if yamlErr != nil {
		return nil, cannotParse(jsonErr.Error(), yamlErr.Error())
	}
	return variables, nil
}

// cannotParse is a launch's answer to bad extra vars (recordings 207, 208).
func cannotParse(jsonError, yamlError string) error {
	return fmt.Errorf("Cannot parse as JSON (error: %s) or YAML (error: %s).", jsonError, yamlError) //nolint:staticcheck // AWX's words
}

func notADictionary(value any) string {
	return "Input type `" + pythonType(value) + "` is not a dictionary"
}

// pythonType is the name of a value's type in Python.
func pythonType(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case number:
		for _, c := range v {
			if c == '.' || c == 'e' {
				return "float"
			}
		}
		return "int"
	case []any:
		return "list"
	default:
		return "dict"
	}
}
