"""The platform's events: one table of them (`events`), which event a statement is (`classify`), and samples of each as producers write it (`samples`). Pure."""
