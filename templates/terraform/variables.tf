variable "name" {
  description = "The name of the queue, and the beginning of every other name."
  type        = string
  default     = "gitops-reloader"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,49}$", var.name))
    error_message = "The name is a letter, then up to 49 letters, digits and hyphens: queues, rules and alarms are named by it."
  }
}

variable "cloudtrail_rule" {
  description = "Also take events from CloudTrail: only with a trail that logs write management events here. For partitions without the native event, and for notices of failed rotations."
  type        = bool
  default     = false
  nullable    = false
}

variable "customer_key" {
  description = "Encrypt the queues with a KMS key of this module instead of a key of SQS."
  type        = bool
  default     = false
  nullable    = false
}

variable "secret_names" {
  description = "Which secrets of this account and region the service may describe: the name of a secret, or a pattern with *."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@!*-]{1,512}$", var.secret_names))
    error_message = "secret_names is the name of a secret, or a pattern with *, such as prod/*; not an ARN."
  }
}

variable "describe_role_arns" {
  description = "Roles of other accounts that the service may assume (the module describe-role makes them); the same as in its configuration."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.describe_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$", arn))])
    error_message = "describe_role_arns holds ARNs of roles, without wildcards."
  }
}

variable "service_role_name" {
  description = "The role that the service runs as; the policy is attached to it. Without one, attach the output service_policy_arn yourself."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{0,64}$", var.service_role_name))
    error_message = "service_role_name is the name of a role, not its ARN; or empty."
  }
}

variable "alarm_topic_arn" {
  description = "The SNS topic where alarms are told. Without one they only change their state."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of a standard SNS topic; or empty."
  }
}
