"""Messages to people, composed in their language and sent through a channel port."""
