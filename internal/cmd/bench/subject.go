package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// subject is a measured provider, with the configuration that makes it run the sandbox's templates.
type subject struct {
	name string
	// binary is the path of the provider, and source its address in required_providers.
	binary, source string
	// config is a folder with the configuration; empty: the built-in one. vars is a file of variables, or empty.
	config, vars string
}

// Set reads a subject from a flag: provider=PATH,source=ansible/aap,config=DIR,vars=FILE,name=NAME.
func (s *subject) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		field := map[string]*string{
			"name": &s.name, "provider": &s.binary, "source": &s.source, "config": &s.config, "vars": &s.vars,
		}[key]
		if field == nil {
			return fmt.Errorf("no such setting: %q", key)
		}
		*field = value
	}
	return nil
}

// String is the subject's name.
func (s *subject) String() string { return s.name }

// complete makes paths absolute, and checks that the files exist.
func (s *subject) complete() error {
	if s.source == "" {
		s.source = "osac-project/osac"
	}
	if s.name == "" {
		s.name = strings.TrimPrefix(filepath.Base(s.binary), "terraform-provider-")
	}
	var problems error
	for _, file := range []*string{&s.binary, &s.config, &s.vars} {
		if *file == "" {
			continue
		}
		absolute, err := filepath.Abs(*file)
		if err == nil {
			_, err = os.Stat(absolute)
		}
		problems, *file = errors.Join(problems, err), absolute
	}
	if s.binary == "" {
		problems = errors.Join(problems, errors.New("no provider's binary was named"))
	}
	return problems
}

// files are the configuration's.
func (s *subject) files() (map[string][]byte, error) {
	if s.config == "" {
		return builtIn("instances")
	}
	paths, err := filepath.Glob(filepath.Join(s.config, "*.tf"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, each := range paths {
		if files[filepath.Base(each)], err = os.ReadFile(each); err != nil { //nolint:gosec // the user names the folder
			return nil, err
		}
	}
	return files, nil
}

// builtIn are the files of a built-in configuration.
func builtIn(name string) (map[string][]byte, error) {
	text, err := configurations.ReadFile(path.Join("configuration", name, "main.tf"))
	return map[string][]byte{"main.tf": text}, err
}
