"""How reports look: Jinja2 templates, styles and fonts. No logic beyond loops and conditions."""
