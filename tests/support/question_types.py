"""A quiz with a question of each type."""


def typed_questions() -> list[dict]:
    return [
        {
            "code": "true",
            "question_type": "true_false",
            "text": "A fire door stays closed.",
            "choices": [{"text": "True", "correct": True}, {"text": "False"}],
        },
        {
            "code": "one-of-several",
            "question_type": "multiple",
            "text": "What feeds a fire?",
            "choices": [{"text": "Oxygen", "correct": True}, {"text": "Helium"}],
        },
        {
            "code": "order",
            "question_type": "ordering",
            "text": "What comes first?",
            "choices": [{"text": each} for each in ("Alarm", "Leave", "Meet", "Report")],
        },
        {
            "code": "match",
            "question_type": "matching",
            "text": "Which extinguisher?",
            "choices": [
                {"code": "wood", "text": "Wood", "match": "water"},
                {"code": "paper", "text": "Paper", "match": "water"},
                {"code": "oil", "text": "Oil", "match": "foam"},
                {"code": "water", "text": "Water"},
                {"code": "foam", "text": "Foam"},
                {"code": "none", "text": "None at all"},
            ],
        },
        {
            "code": "number",
            "question_type": "numeric",
            "text": "How many metres?",
            "tolerance": "0.5",
            "choices": [{"text": "12.5"}],
        },
        {
            "code": "word",
            "question_type": "short_text",
            "text": "Call for help from?",
            "choices": [{"text": "Fire brigade"}, {"text": "112"}],
        },
    ]


def right_answers(content) -> dict[str, list]:
    """The right answer to each question of `typed_questions`, by its code."""
    ids = {
        question.code: {choice.text: choice.pk for choice in question.choices.all()}
        for question in content.questions.all()
    }
    match = ids["match"]
    return {
        "true": [ids["true"]["True"]],
        "one-of-several": [ids["one-of-several"]["Oxygen"]],
        "order": [ids["order"][each] for each in ("Alarm", "Leave", "Meet", "Report")],
        "match": [
            [match["Oil"], match["Foam"]],
            [match["Wood"], match["Water"]],
            [match["Paper"], match["Water"]],
        ],
        "number": ["12,9"],
        "word": ["  FIRE  Brigade "],
    }
