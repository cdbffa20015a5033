"""The WebSocket channel: who may connect, which connections live, the ping."""
