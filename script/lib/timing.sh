# shellcheck shell=bash
# Source this for step and report_times: how long each step and each test took.

steps=()
step_name=''
step_began=0

end_step() {
    if [ -n "$step_name" ]; then steps+=("$((SECONDS - step_began)) $step_name"); fi
    step_name=''
}

step() { # name…
    end_step
    printf '\n== %s\n' "$*"
    step_name=$*
    step_began=$SECONDS
}

# Prints the seconds of each step, the 20 slowest tests of all runs that wrote into the folder, and the failed ones.
report_times() { # folder
    local line
    end_step
    printf '\n== time\n'
    for line in "${steps[@]}"; do printf '%7d s  %s\n' "${line%% *}" "${line#* }"; done
    printf '%7d s  in all\n' "$SECONDS"
    /usr/bin/python3 script/lib/test_report.py 20 "$1"/*-swift-testing.xml
}
