output "describe_role_arn" {
  description = "For spec.aws.accounts[].role of the service, and for describe_role_arns of its own module."
  value       = aws_iam_role.describe.arn
}
