#!/usr/bin/env bash
# The rows that a GPU can run in a day, the most telling first; each is recorded before the next begins.
# make real ARGS="--data-dir DIR --weights-dir DIR": given again it goes on, for a draw that is done stays done.
set -uo pipefail
cd "$(dirname "$0")"
PATH="$PWD/.venv/bin:$PATH"

options=(--scale paper "$@")
out=results before=""
for word in "$@"; do
  [ "$before" = --out ] && out=$word
  case $word in --out=*) out=${word#--out=} ;; esac
  before=$word
done

stop_if_stopped() {  # Ctrl-C and kill end everything; data that are missing end one row
  [ "$1" -lt 128 ] || exit "$1"
}

run() {
  local paper=$1
  shift
  for row in "$@"; do
    echo "=== $paper $row"
    python -m "reproductions.$paper" --row "$row" "${options[@]}"
    stop_if_stopped $?
    python -m reproductions record "$paper" --out "$out"
  done
}

python -m reproductions gpu-check --out "$out"
stop_if_stopped $?
run elazhari ct-cnn ct-cnn-clean
run altaf sc2c-resnet50-transfer sc2c-resnet50-transfer@moving-averages sc2c-resnet50-transfer@as-printed \
  sc2c-inceptionv3-transfer sc2c-inceptionv3-transfer@moving-averages sc2c-inceptionv3-transfer@as-printed
run zebin resnet50 efficientnetb0 vgg16-v2 resnet50-clean efficientnetb0-clean vgg16-v2-clean \
  resnet50-v1 resnet50-v1-clean resnet50-v1-whole efficientnetb0-v1-clean vgg16-v1-clean
run elazhari ct-vgg16-pretrained ct-vgg16-pretrained-clean ct-resnet50-pretrained ct-resnet50-pretrained-clean \
  ct-inceptionv3-pretrained ct-inceptionv3-pretrained-clean
run altaf ccd-inceptionv3-transfer ccd-inceptionv3-transfer@moving-averages ccd-vgg16-transfer@averaged-head \
  ccd-resnet50-transfer-random-split ccd-inceptionv3-transfer-random-split
run elazhari ct-vgg16-random ct-resnet50-random ct-inceptionv3-random ct-densenet121-random ct-resnet101v2-random
python -m reproductions verify
