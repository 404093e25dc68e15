package controller

import (
	"context"
	"encoding/json"
	"strings"
)

// Question is what a template's survey asks for at launch.
type Question struct {
	// Variable is the extra var that holds the answer.
	Variable    string
	Text        string
	Description string
	// Type is text, textarea, password, integer, float, multiplechoice or multiselect.
	Type     string
	Required bool
	// Default is the answer that stands where none is given, lines of it for several; empty means that there is none.
	// That of a password is never told.
	Default string
	// Choices are those of multiplechoice and multiselect.
	Choices []string
}

// passwordType is the type of questions whose answers are secrets.
const passwordType = "password"

// Survey reads the questions of a template's survey (110); none where it is off.
func (c *Client) Survey(ctx context.Context, t Template) ([]Question, error) {
	if !t.SurveyEnabled {
		return nil, nil
	}
	address, err := c.address(ctx, nil, "%s/%d/survey_spec/", t.path(), t.ID)
	if err != nil {
		return nil, err
	}
	var survey struct {
		Questions []struct {
			Variable    string          `json:"variable"`
			Text        string          `json:"question_name"`
			Description string          `json:"question_description"`
			Type        string          `json:"type"`
			Required    bool            `json:"required"`
			Default     json.RawMessage `json:"default"`
			Choices     json.RawMessage `json:"choices"`
		} `json:"spec"`
	}
	if err := c.get(ctx, address, &survey); err != nil {
		return nil, err
	}
	questions := make([]Question, len(survey.Questions))
	for i, asked := range survey.Questions {
		questions[i] = Question{
			Variable: asked.Variable, Text: asked.Text, Description: asked.Description, Type: asked.Type,
			Required: asked.Required, Default: answerText(asked.Default), Choices: choicesOf(asked.Choices),
		}
		if asked.Type == passwordType {
			questions[i].Default = ""
		}
	}
	return questions, nil
}

// answerText is a default as text: numbers as they stand, several answers a line each.
func answerText(value json.RawMessage) string {
	if string(value) == "null" {
		return ""
	}
	if several := stringsOf(value); several != nil {
		return strings.Join(several, "\n")
	}
	return valueText(value)
}

// choicesOf reads choices, which are lines of a text (110), or a list in later versions of AWX's source.
func choicesOf(value json.RawMessage) []string {
	if several := stringsOf(value); several != nil {
		return several
	}
	var lines string
	if json.Unmarshal(value, &lines) != nil || lines == "" {
		return nil
	}
	return strings.Split(lines, "\n")
}

func stringsOf(value json.RawMessage) []string {
	var several []string
	if json.Unmarshal(value, &several) != nil {
		return nil
	}
	return several
}
