"""What learners can search: the words of contents. Written by `progress.pages.searching` only."""

from django.db import models


class IndexedContent(models.Model):
    """A content whose passages are stored; `stamp` changes with the files that they come from."""

    content = models.OneToOneField(
        "progress.Content", models.CASCADE, primary_key=True, related_name="+"
    )
    stamp = models.CharField(max_length=64)

    def __str__(self):
        return f"passages of content {self.content_id}"


class Passage(models.Model):
    """Some lines of a transcript, a page of a document, or a paragraph of a text.

    `position_milli` is where it begins, in thousandths of the content's unit, as a note's: of a
    second, of a page, or of a whole text. `later_lines` says where the lines of a transcript after
    the first begin: [index in the text, position] of each. `language` is that of captions, else "".
    `folded` is `text` without the difference between capitals, accents and widths.
    """

    content = models.ForeignKey("progress.Content", models.CASCADE, related_name="+")
    language = models.CharField(max_length=35, blank=True)
    position_milli = models.PositiveBigIntegerField()
    later_lines = models.JSONField(default=list)
    text = models.TextField()
    folded = models.TextField()

    class Meta:
        ordering = ["content", "language", "position_milli", "pk"]

    def __str__(self):
        return f"passage of content {self.content_id} at {self.position_milli}"
