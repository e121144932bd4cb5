"""What comes back: reports of mails that were not delivered, and complaints."""
