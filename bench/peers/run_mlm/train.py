"""transformers' run_mlm recipe on Lacuna's split and tokenizer, measured on Lacuna's held-out masks.

What run_mlm.py does, with its defaults: every line tokenized with special tokens, all of them concatenated and cut into
chunks, BertForMaskedLM (post-norm, dropout 0.1), Trainer (AdamW without decay, gradients clipped at 1, batches of 8,
learning rate decaying linearly to zero), DataCollatorForLanguageModeling. Checkpoints are not written, in its favour.
"""

import argparse
import itertools
import json
import tempfile
import time
from pathlib import Path

import torch
import transformers
from datasets import load_dataset
from held_out import HeldOut
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

REPORT_STEPS = 20
REPORT_SECONDS = 30
HALF_AN_HOUR = 1800


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the folder that export.mjs wrote")
    parser.add_argument("--model", default="mini", choices=["tiny", "mini", "small"], help="sizes of src/api/presets.ts")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--steps", type=int)
    budget.add_argument("--seconds", type=float, help="training time; the learning rate falls with the clock")
    parser.add_argument("--lr", type=float, default=5e-5, help="peak learning rate (default: Trainer's 5e-5)")
    parser.add_argument("--batch-size", type=int, default=8, help="sequences of a step (default: Trainer's 8)")
    parser.add_argument("--evaluations", type=int, default=6, help="held-out evaluations, the last at the end")
    parser.add_argument("--seed", type=int, default=42, help="Trainer's seed (default: its 42)")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its own choice)")
    parser.add_argument("--json", help="write the figures there, too")
    parser.add_argument("--save", help="save the model there")
    return parser.parse_args()


class Clock:
    """Training time: it stands still while the model is evaluated."""

    def __init__(self):
        self.started = None
        self.paused = 0.0

    def start(self):
        self.started = time.perf_counter()

    def elapsed(self):
        return 0.0 if self.started is None else time.perf_counter() - self.started - self.paused

    def pause(self, action):
        before = time.perf_counter()
        result = action()
        self.paused += time.perf_counter() - before
        return result


class Watch(TrainerCallback):
    """Reports the speed early, evaluates at even parts of the budget, and stops when the time is over."""

    def __init__(self, clock, options, held_out, tokens_per_step):
        self.clock, self.options, self.held_out = clock, options, held_out
        self.tokens_per_step = tokens_per_step
        self.curve = []
        self.reported = 0.0

    def on_train_begin(self, args, state, control, **kwargs):
        self.clock.start()

    def share(self, step):
        budget = self.options
        return step / budget.steps if budget.steps else self.clock.elapsed() / budget.seconds

    def on_step_end(self, args, state, control, model=None, **kwargs):
        step, elapsed = state.global_step, self.clock.elapsed()
        if step == REPORT_STEPS or elapsed - self.reported >= REPORT_SECONDS:
            self.reported = elapsed
            rate = step / elapsed
            print(
                f"step {step}, {elapsed:.0f} s: {rate:.2f} steps/s, {rate * self.tokens_per_step:.0f} tokens/s, "
                f"30 minutes are {rate * HALF_AN_HOUR:.0f} steps",
                flush=True,
            )
        share = self.share(step)
        if share >= (len(self.curve) + 1) / self.options.evaluations or share >= 1:
            self.evaluate(model, step, elapsed)
        control.should_training_stop |= share >= 1

    def evaluate(self, model, step, elapsed):
        scores = self.clock.pause(lambda: self.held_out.score(model))
        self.curve.append({"step": step, "seconds": elapsed, **scores})
        print(
            f"held out after {step} steps, {elapsed:.0f} s: {scores['lossNats']:.4f} nats, "
            f"{scores['bitsPerByte']:.4f} bits per byte (raw {scores['rawBitsPerByte']:.4f}), "
            f"accuracy {100 * scores['accuracy']:.2f} %",
            flush=True,
        )


class TimedTrainer(Trainer):
    """A Trainer whose learning rate falls linearly with the share of the time that is spent, to zero at its end."""

    def __init__(self, *, clock, seconds, **kwargs):
        super().__init__(**kwargs)
        self.clock, self.seconds = clock, seconds

    def create_scheduler(self, num_training_steps, optimizer=None):
        if self.seconds is None:
            return super().create_scheduler(num_training_steps, optimizer)
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer, lambda _: max(0.0, 1 - self.clock.elapsed() / self.seconds)
        )
        return self.lr_scheduler


def grouped_dataset(data, tokenizer, length):
    """run_mlm.py's tokenize_function and group_texts."""
    raw = load_dataset("text", data_files={"train": str(Path(data) / "train.txt")})["train"]
    tokenized = raw.map(
        lambda examples: tokenizer(examples["text"], return_special_tokens_mask=True),
        batched=True,
        remove_columns=["text"],
    )

    def group_texts(examples):
        joined = {key: list(itertools.chain(*values)) for key, values in examples.items()}
        total = len(joined["input_ids"]) // length * length
        return {key: [ids[i : i + length] for i in range(0, total, length)] for key, ids in joined.items()}

    return tokenized.map(group_texts, batched=True)


def bert_config(sizes, facts, length, tokenizer):
    """BERT's feed-forward layer has no gate: 3/2 of the width has as many weights."""
    return BertConfig(
        vocab_size=facts["vocabSize"],
        hidden_size=sizes["hidden"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=3 * sizes["feedForward"] // 2,
        max_position_embeddings=max(512, length),
        pad_token_id=tokenizer.pad_token_id,
    )


def main():
    options = parse_options()
    if options.threads:
        torch.set_num_threads(options.threads)
    facts = json.loads((Path(options.data) / "facts.json").read_text())
    held_out = HeldOut(options.data)
    tokenizer = AutoTokenizer.from_pretrained(options.data)
    dataset = grouped_dataset(options.data, tokenizer, held_out.length)
    transformers.set_seed(options.seed)
    model = BertForMaskedLM(bert_config(facts["presets"][options.model], facts, held_out.length, tokenizer))
    print(f"{options.model}: {model.num_parameters()} parameters, {len(dataset)} sequences, lr {options.lr}", flush=True)
    clock = Clock()
    watch = Watch(clock, options, held_out, options.batch_size * held_out.length)
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            per_device_train_batch_size=options.batch_size,
            learning_rate=options.lr,
            max_steps=options.steps or 10_000_000,
            seed=options.seed,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = TimedTrainer(
            clock=clock,
            seconds=options.seconds,
            model=model,
            args=arguments,
            train_dataset=dataset,
            data_collator=DataCollatorForLanguageModeling(tokenizer=tokenizer, mlm_probability=0.15),
            callbacks=[watch],
        )
        trainer.train()
    report = {
        "model": options.model,
        "parameters": model.num_parameters(),
        "learningRate": options.lr,
        "batchSize": options.batch_size,
        "seed": options.seed,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "corpus": facts["fingerprint"],
        "curve": watch.curve,
    }
    if options.json:
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    if options.save:
        model.save_pretrained(options.save)
        tokenizer.save_pretrained(options.save)


main()
