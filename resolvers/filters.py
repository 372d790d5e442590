"""Inputs that choose: from the API's filters and orders to the conditions of a listing."""
