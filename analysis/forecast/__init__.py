"""Does a posterior foretell years that it was not shown, and better than plain rivals that know nothing of people?"""
