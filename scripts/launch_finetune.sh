#!/usr/bin/env bash
# Pairs, fine-tuning and a sheet of what was learnt, in one command; the same command again goes on where it stopped.
#
#   scripts/launch_finetune.sh                                          # SD nano 2.1, all weights, this machine
#   BASE=CompVis/stable-diffusion-v1-4 SIZE=512 scripts/launch_finetune.sh --lora 32
#   PROCESSES=4 scripts/launch_finetune.sh --full --minutes 120         # four GPUs
#
# Arguments go to `tensho finetune stable-diffusion`; without any, --full does. PROCESSES is the number of GPUs (or of
# processes on a CPU); LAUNCH holds more options of `accelerate launch`: --num_machines, --machine_rank, --main_process_ip, …
set -euo pipefail

BASE=${BASE:-bguisard/stable-diffusion-nano-2-1}
SIZE=${SIZE:-128}
SOURCE=${SOURCE:-faces}
DATA=${DATA:-data/pairs-$SIZE-$SOURCE}
OUT=${OUT:-runs/$(basename "$BASE")}
PROCESSES=${PROCESSES:-1}
LAUNCH=${LAUNCH:---num_machines 1}
PROMPT=${PROMPT:-a Chinese character that means full moon}
PYTHON=${PYTHON:-python}

if [ $# -eq 0 ]; then
    set -- --full
fi

"$PYTHON" -m tensho data pairs --size "$SIZE" --source "$SOURCE" --out "$DATA"

launcher=()
if [ "$PROCESSES" -gt 1 ]; then
    # bf16 is tensho's to decide (--precision). --multi_gpu means several processes, on a CPU too.
    # shellcheck disable=SC2206 # several options in one variable
    launcher=(-m accelerate.commands.launch --multi_gpu --num_processes "$PROCESSES" $LAUNCH
        --mixed_precision no --dynamo_backend no)
fi
"$PYTHON" ${launcher[@]+"${launcher[@]}"} -m tensho finetune stable-diffusion \
    --base "$BASE" --data "$DATA" --out "$OUT" "$@"

"$PYTHON" -m tensho dream --model "$OUT" --prompt "$PROMPT" -n 16 --out "$OUT/sheet.png"
