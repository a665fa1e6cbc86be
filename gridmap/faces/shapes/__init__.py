"""What is sent and answered: values and bodies as they arrive, answers as they leave."""
