"""The instructors' pages and their API, put together from the features.

`overview`, `course`, `learner` and `content` gather what a page shows; `views` answers requests.
"""
