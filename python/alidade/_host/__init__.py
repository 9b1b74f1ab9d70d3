"""What runs around a job: template, supervisor and task host. No part of the public interface."""
