"""Reusable serverless-backend components for Pulumi on AWS."""
