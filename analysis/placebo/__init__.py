"""Dated events beside events of any date: does the record of repression tell what chance would not?"""
