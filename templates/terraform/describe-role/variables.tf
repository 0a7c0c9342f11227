variable "service_role_arn" {
  description = "The role that the service runs as; nobody else may assume this one."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$", var.service_role_arn))
    error_message = "service_role_arn is the ARN of one role, without wildcards."
  }
}

variable "external_id" {
  description = "The externalId of this account in the configuration of the service."
  type        = string
  nullable    = false

  # The length is asked for by itself: a pattern counts to 1,000 at most.
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]+$", var.external_id)) && length(var.external_id) >= 8 && length(var.external_id) <= 1224
    error_message = "external_id is 8 to 1224 letters, digits and +=,.@:/_-"
  }
}

variable "regions" {
  description = "Where the secrets are; the regions of this account in the configuration of the service."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.regions) > 0 && alltrue([for region in var.regions : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$", region))])
    error_message = "regions holds one or more regions such as eu-west-1."
  }
}

variable "role_name" {
  description = "The name of the new role."
  type        = string
  default     = "gitops-reloader-describe"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name is 1 to 64 letters, digits and +=,.@_-"
  }
}

variable "secret_names" {
  description = "Which secrets may be described: the name of a secret, or a pattern with *."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@!*-]{1,512}$", var.secret_names))
    error_message = "secret_names is the name of a secret, or a pattern with *, such as prod/*; not an ARN."
  }
}
