output "queue_url" {
  description = "For spec.notificationSources[].awsSqs.queueURL of the service."
  value       = aws_sqs_queue.queue.id
}

output "queue_arn" {
  value = aws_sqs_queue.queue.arn
}

output "dead_letters_url" {
  description = "What the service gave up on."
  value       = aws_sqs_queue.dead_letters.id
}

output "rule_dead_letters_url" {
  description = "What EventBridge could not deliver."
  value       = aws_sqs_queue.rule_dead_letters.id
}

output "service_policy_arn" {
  description = "For the role of the service."
  value       = aws_iam_policy.service.arn
}

output "queue_key_arn" {
  description = "The KMS key of the queues; null without customer_key."
  value       = local.key_arn
}
