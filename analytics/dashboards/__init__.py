"""The instructor's pages in the admin: who needs somebody, and what of the content works.

Rooms named after a page (`home`, `course`, `learner`, `content`) read; `views` answers requests.
Amounts over people and time come from rollups; how learners stand comes from the folded progress.
"""
