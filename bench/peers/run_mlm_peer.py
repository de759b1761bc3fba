"""transformers' BertForMaskedLM, Trainer and collator with their default arguments. Usage: run_mlm_peer.py FOLDER"""

import sys
import tempfile
import time

import torch
import transformers
from datasets import Dataset
from exercise import Exercise, requests, say
from tokenizers import Tokenizer, models
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WARM_UP_STEPS = 2


class Rounds(TrainerCallback):
    """Holds the Trainer between rounds: it trains only while a measurement is asked for."""

    def __init__(self, ready):
        self.ready = ready
        self.waiting = requests()
        self.steps = 0

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step < WARM_UP_STEPS:
            return
        now = time.perf_counter()
        if state.global_step == WARM_UP_STEPS:
            say({"ready": self.ready})
        else:
            self.steps += 1
            if now < self.started + self.seconds:
                return
            say({"steps": self.steps, "seconds": now - self.started})
        asked = next(self.waiting, None)
        if asked is None:
            control.should_training_stop = True
            return
        self.steps, self.seconds, self.started = 0, asked, time.perf_counter()


def made_up_tokenizer(vocab_size):
    words = SPECIAL_TOKENS + [f"word{index}" for index in range(vocab_size - len(SPECIAL_TOKENS))]
    model = models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[UNK]")
    names = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], SPECIAL_TOKENS))
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(model), **names)


def grouped_rows(rows):
    """What run_mlm.py hands to the Trainer: the columns of a tokenizer, chunked."""
    special = (rows < len(SPECIAL_TOKENS)).astype(int)
    return Dataset.from_dict(
        {
            "input_ids": rows.tolist(),
            "token_type_ids": (0 * rows).tolist(),
            "attention_mask": (0 * rows + 1).tolist(),
            "special_tokens_mask": special.tolist(),
        }
    )


def bert_config(exercise):
    """A feed-forward layer without gate needs 3/2 of the width for the same number of weights."""
    step, config = exercise.step, exercise.config
    return BertConfig(
        vocab_size=config["vocab_size"],
        hidden_size=step["hidden"],
        num_hidden_layers=step["layers"],
        num_attention_heads=step["heads"],
        intermediate_size=3 * step["feedForward"] // 2,
        max_position_embeddings=max(512, step["sequenceLength"]),
    )


def main():
    exercise = Exercise(sys.argv[1])
    config = bert_config(exercise)
    model = BertForMaskedLM(config)
    ready = {
        "parameters": model.num_parameters(),
        "initialLossNats": None,
        "detail": f"transformers {transformers.__version__}, torch {torch.__version__}, "
        f"F {config.intermediate_size} without gate",
    }
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            per_device_train_batch_size=exercise.step["batchSize"],
            max_steps=1_000_000,
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = Trainer(
            model=model,
            args=arguments,
            train_dataset=grouped_rows(exercise.rows),
            data_collator=DataCollatorForLanguageModeling(made_up_tokenizer(config.vocab_size), mlm_probability=0.15),
            callbacks=[Rounds(ready)],
        )
        trainer.train()


main()
