package controller

import (
	"context"
	"encoding/json"
	"strings"
)

// Question is a question of a template's survey.
type Question struct {
	// Variable is the extra var that holds the answer.
	Variable    string
	Text        string
	Description string
	// Type is text, textarea, password, integer, float, multiplechoice or multiselect.
	Type     string
	Required bool
	// Default is the answer if none is given, with a line for each of several; empty means that there is none. The API
	// never tells a password's default.
	Default string
	// Choices are the choices of multiplechoice and multiselect.
	Choices []string
}

// passwordType is the type of questions whose answers are secrets.
const passwordType = "password"

// Survey reads the questions of a template's survey (110); it returns none if the survey is off.
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

// answerText returns a default as text: a number as it is written, several answers a line each.
func answerText(value json.RawMessage) string {
	if string(value) == "null" {
		return ""
	}
	if several := stringsOf(value); several != nil {
		return strings.Join(several, "\n")
	}
	return valueText(value)
}

// choicesOf reads choices, which are the lines of a text (110), or a list in later versions of AWX's source.
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
