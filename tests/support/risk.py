"""Measurements of a risk model."""


def a_week(number):
    called = [90, 70, 50, 40, 30, 20, 10, 5, 0]
    return {
        "week": number,
        "learners": 100,
        "failed": 0.4,
        "auc": 0.8 if number > 1 else None,
        "calibration_error": 0.02,
        "reliability": [{"learners": 100, "told": 0.31, "seen": 0.29}],
        "thresholds": [
            {
                "from": 10 * (index + 1),
                "called": count,
                "precision": 0.5 if count else None,
                "recall": count / 100,
            }
            for index, count in enumerate(called)
        ],
    }
