# The templates of the hub, and what they ask for:
data "osac_templates" "this" {
  lifecycle {
    postcondition {
      condition     = self.create.allow_simultaneous
      error_message = "Template ${self.create.name} works on one instance after the other: enable \"concurrent jobs\"."
    }
  }
}

output "questions" {
  value = {
    for question in data.osac_templates.this.create.survey : question.variable => question.type
    if question.required && question.default == null
  }
}
