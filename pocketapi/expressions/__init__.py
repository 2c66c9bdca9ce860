"""The expression language of filters, rules, selects, orders and actions."""
