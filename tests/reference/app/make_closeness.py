"""Scores pairs of texts by rouge-score and sacrebleu, as the reference for the closeness that Moqi shows of drafts.

    python3 make_closeness.py

needs rouge-score and sacrebleu (the stored file: rouge-score 0.1.2, sacrebleu 2.6.0). Writes closeness.json: for each pair
the draft, the text it is held against, ROUGE-L (F1) and chrF, both from 0 to 1. ROUGE-L of texts with Chinese characters is
rouge-score's with a tokenizer that makes a token of each of them; rouge-score's own would drop them. All texts are made up.
"""

import json
import pathlib
import re

from rouge_score import rouge_scorer, tokenizers
from sacrebleu.metrics import CHRF

HERE = pathlib.Path(__file__).parent
PAIRS = [
    ("The Employee shall keep all information secret.", "The Employee must keep the Company's information confidential."),
    ("Each party shall, within thirty (30) days, return or destroy all copies.", "Within 30 days each party shall destroy, or return, every copy."),
    ("This Agreement is governed by the laws of the State.", "This Agreement is governed by the laws of the State."),
    ("a b c d e f g", "g f e d c b a"),
    ("x", "The Supplier shall deliver."),
    ("The Supplier shall deliver.", "x"),
    ("", "The Supplier shall deliver."),
    ("The Supplier shall deliver.", ""),
    ("", ""),
    ("... --- ...", "!!!"),
    ("ab", "abcdefgh"),
    ("abc abc abc abc abc abc", "abc"),
    ("1. First, the buyer pays.\n\n2. Then, the seller delivers.", "1. Then, the seller delivers.\n\n2. First, the buyer pays."),
    ("**Confidential Information** means “any” information; it isn't public.", "Confidential information means any non-public information."),
    ("Café façade naïve", "Cafe facade naive"),
    ("The fee is [Amount 1] a month (plus VAT at 20%).", "The monthly fee is [Amount 2], plus VAT at the rate of 20 %."),
    ("甲方应当在收到货物后十日内支付价款。", "甲方应于收货之日起十日内向乙方付款。"),
    ("本合同自双方签字或者盖章之日起生效。", "本合同自双方签字或者盖章之日起生效。"),
    ("价款为【金额1】元，分2期支付；Buyer 应付款。", "价款【金额1】元，分两期付清；buyer 逾期付款的，应付违约金。"),
    ("保密", "双方对合同内容负有保密义务。"),
    ("。；，", "甲方"),
    ("the " * 300 + "end", "the end " * 150),
    ("收到 " * 120, "付款收到" * 90),
]
WORD = re.compile(r"[a-z0-9]+|[㐀-䶿一-鿿]")


class Characters(tokenizers.Tokenizer):
    def tokenize(self, text):
        return WORD.findall(text.lower())


def main():
    rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    characters = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Characters())
    chrf = CHRF(char_order=6, word_order=0, beta=2)
    told = []
    for draft, wanted in PAIRS:
        chinese = any("㐀" <= c <= "鿿" for c in draft + wanted)
        by_characters = characters.score(wanted, draft)["rougeL"].fmeasure
        if not chinese:
            assert by_characters == rouge.score(wanted, draft)["rougeL"].fmeasure
        told.append({
            "draft": draft,
            "wanted": wanted,
            "rouge_l": by_characters,
            "chrf": chrf.sentence_score(draft, [wanted]).score / 100,
        })
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in told)
    (HERE / "closeness.json").write_text(f"[\n{lines}\n]\n")


main()
