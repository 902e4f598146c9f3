/* Zx9!canary */ # Zx9!canary
resource "aws_db_instance" "main" {
  engine   = "postgres"
  password = "Zx9!canary"
  count    = 2
  tags = {
    "Zx9!canary" = "998877665544 ${var.name}"
  }
}

resource "aws_ecs_service" "b" {
  for_each    = toset(["Zx9!canary", "b"])
  launch_type = var.x ? "EC2" : "FARGATE"
  cluster     = aws_ecs_cluster.main.id
  dynamic "capacity_provider_strategy" {
    for_each = local.x
    content { capacity_provider = "Zx9!canary" }
  }
  user_data = <<-EOT
    Zx9!canary
  EOT
}

module "c" { source = "./Zx9!canary" }
variable "x" { default = "Zx9!canary" }
output "y" { value = "Zx9!canary" }
