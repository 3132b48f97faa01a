"""Do the numbers that a paper prints agree with each other and with its test-set sizes?"""
