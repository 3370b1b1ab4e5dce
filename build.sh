#!/usr/bin/env bash
# The one way to do things here: ./build.sh VERB. Thin over dotnet; downloads no tools. build.ps1 has the same verbs.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
artifacts="$root/artifacts"

usage() {
  cat <<'TEXT'
usage: ./build.sh VERB [ARGUMENTS]

  demo [OPTIONS]         start three nodes, kill the leader under load, read everything back; the last line says what was lost
  test [unit|process]    build once, run every test project (or a part of them); the last line is "N passed, N failed"
  bench [OPTIONS]        measure AkkaRaft and its peers side by side, some twenty minutes; the table goes to docs/benchmarks; --help lists the options
  bench --full [OPTIONS] latency over offered load, fail-over and the goals that need no peer, too; an hour
  bench one NAME [OPTIONS]
                         put loads on one of them (akkaraft, etcd, dotnext, dotnext-sync, nats, akka-singleton, akka-ddata), and see what each cost
  bench fail-over NAME [OPTIONS]
                         kill the leader of one of them again and again: how long until the next acknowledged write
  bench floors [OPTIONS] what disk, journal, Akka.Remote, idleness and stock allocations cannot be better than
  bench bar NAME [OPTIONS]
                         measure one of the goals: recovery, snapshot, sizes, idle or allocations
  bench micro [OPTIONS]  the micro-benchmarks of the rules; options go to BenchmarkDotNet, such as --filter '*Quorum*' or --job short
  soak [--hours H]       simulate seed after seed on all cores (default one hour); failures stay as files in artifacts/soak
  soak process [--hours H | --rounds N]
                         repeat the process tests instead; logs of failed rounds stay in artifacts/soak
  soak process --operations N [--seed S]
                         instead of that: kill, freeze and restart nodes of one cluster under N operations, and judge their history
  simulate [OPTIONS]     run simulated clusters: --seed S repeats a failure, --html FILE shows a run; --help lists the options
  mutants [OPTIONS]      break the source, rule by rule, and see which test notices (docs/mutants.md); --help lists the options
  pack                   make the NuGet packages in artifacts/packages
  clean                  remove bin, obj and artifacts
  help                   this text
TEXT
}

fail() { echo "build.sh: $*" >&2; exit 2; }

# What a test needs besides the SDK is found, or installed where that is possible; else the tests that need it fail, and this says why.
install() {
  local package="$1" why="$2" without="${3:-those tests will fail}"
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "build.sh: installing the Debian package $package, $why" >&2
    if { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$package"; } >&2; then return 0; fi
  fi
  echo "build.sh: $package is not on this machine and could not be installed. It is needed here: $why; $without." >&2
  echo "          Install the package $package, or run the command as root on Debian." >&2
}

# The PostgreSQL tests start a server of their own; only its programs must be there.
need_postgresql() {
  command -v initdb >/dev/null 2>&1 && command -v pg_ctl >/dev/null 2>&1 && return 0
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return 0
  install postgresql "whose server the tests of the PostgreSQL journal start"
}

# The process tests watch a node's fsync calls, fill up a small tmpfs that they mount, and cut nodes off in network namespaces that they make.
need_process_tools() {
  [ -x /usr/bin/strace ] || install strace "with which a process test watches what a node syncs to its disk"
  { command -v ip && command -v tc; } >/dev/null 2>&1 || install iproute2 "with which process tests make networks of their own and cut nodes off"
  [ "$(id -u)" -eq 0 ] || echo "build.sh: not root: the process tests that mount a small tmpfs to fill it up, and those that make networks, will fail." >&2
}

# ss says what a node has sent. Peers are measured beside us; their packages start servers of their own, which would take ports and CPU.
need_bench_tools() {
  command -v ss >/dev/null 2>&1 || install iproute2 "whose ss says how many bytes a node has sent" "that will be reported as missing"
  need_peer etcd etcd-server etcd
  need_peer nats-server nats-server nats-server
}

need_peer() {
  local program="$1" package="$2" service="$3"
  if command -v "$program" >/dev/null 2>&1 || [ -x "/usr/bin/$program" ] || [ -x "/usr/sbin/$program" ]; then return 0; fi
  install "$package" "the program of a peer that the benchmark measures" "it will be reported as missing"
  { command -v systemctl && systemctl disable --now "$service" || { command -v service && service "$service" stop; }; } >/dev/null 2>&1 || true
}

# The test projects of a part: unit, process, or all.
test_projects() {
  local project
  for project in tests/*/*.csproj samples/*/*Tests.csproj; do
    case "$project" in
      tests/AkkaRaft.Benchmarks/*|tests/AkkaRaft.Mutants/*|tests/AkkaRaft.Simulator/*) ;;
      tests/AkkaRaft.Process.Tests/*) if [ "$1" != unit ]; then echo "$project"; fi ;;
      *) if [ "$1" != process ]; then echo "$project"; fi ;;
    esac
  done
}

# The counter of a test report, 0 when there is none.
counter() {
  local value
  value="$(grep -o '<Counters [^>]*' "$1" | head -n 1 | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9][0-9]*' || true)"
  echo "${value:-0}"
}

passed=0
failed=0

# Runs one built test project and adds to passed and failed. A project that crashed, or ran nothing, counts as one failure at least.
run_project() {
  local project="$1" name report status=0 good=0 bad=0
  name="$(basename "$project" .csproj)"
  report="$artifacts/test/$name.trx"
  rm -f "$report"
  echo "== $name"
  dotnet test "$project" -c Release --no-build --logger "trx;LogFileName=$report" || status=$?
  if [ -f "$report" ]; then
    good="$(counter "$report" passed)"
    # What was found but neither passed nor was skipped has failed, aborted or timed out.
    bad=$(( $(counter "$report" executed) - good ))
  fi
  if [ $((good + bad)) -eq 0 ] || { [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
    echo "build.sh: $name ended with exit code $status and reported $good passed, $bad failed: counted as a failure" >&2
    bad=$((bad + 1))
  fi
  # Which seeds the simulation took, and what really happened in them.
  [ ! -f "$report" ] || grep -o 'hunt: [^<]*' "$report" || true
  passed=$((passed + good))
  failed=$((failed + bad))
}

# All mutants' patches must apply, and one of them, another one each time, must not survive. Counts as one test.
run_one_mutant() {
  echo "== mutants"
  if dotnet run --project tests/AkkaRaft.Mutants -c Release --no-build -- --rotate --built --budget 90 --jobs 1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

run_test() {
  local part="${1:-all}" project projects
  case "$part" in all|unit|process) ;; *) fail "test knows the parts unit and process, not '$part'" ;; esac
  projects="$(test_projects "$part")"
  [ -n "$projects" ] || fail "there are no test projects in the part '$part'"
  [ "$part" = process ] || need_postgresql
  [ "$part" = unit ] || need_process_tools
  mkdir -p "$artifacts/test"

  if dotnet build AkkaRaft.sln -c Release; then
    for project in $projects; do run_project "$project"; done
    [ "$part" = process ] || run_one_mutant
  else
    # What does build is tested all the same; what does not counts as a failure.
    for project in $projects; do
      if dotnet build "$project" -c Release --verbosity quiet; then
        run_project "$project"
      else
        echo "build.sh: $project does not build: counted as a failure" >&2
        failed=$((failed + 1))
      fi
    done
    if [ "$failed" -eq 0 ]; then
      echo "build.sh: AkkaRaft.sln does not build: counted as a failure" >&2
      failed=1
    fi
  fi

  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

run_simulation() {
  dotnet build tests/AkkaRaft.Simulator -c Release --verbosity quiet >&2
  dotnet tests/AkkaRaft.Simulator/bin/Release/net10.0/AkkaRaft.Simulator.dll "$@"
}

run_soak() {
  case "${1:-}" in
    process) shift; run_process_soak "$@" ;;
    '') run_simulation --failures "$artifacts/soak" --hours 1 ;;
    *) run_simulation --failures "$artifacts/soak" "$@" ;;
  esac
}

run_process_soak() {
  local hours=1 rounds=0 operations=0 seed=0 round=0 lost=0 stop folder
  while [ $# -gt 0 ]; do
    case "$1" in
      --hours) hours="${2:?--hours needs a number}"; rounds=0; shift 2 ;;
      --rounds) rounds="${2:?--rounds needs a number}"; shift 2 ;;
      --operations) operations="${2:?--operations needs a number}"; shift 2 ;;
      --seed) seed="${2:?--seed needs a number}"; shift 2 ;;
      *) fail "soak process knows --hours H, --rounds N, and --operations N with --seed S, not '$1'" ;;
    esac
  done
  case "$hours$rounds$operations$seed" in *[!0-9.]*) fail "soak needs numbers" ;; esac
  local project=tests/AkkaRaft.Process.Tests/AkkaRaft.Process.Tests.csproj
  [ -f "$project" ] || fail "$project is not there"
  dotnet build "$project" -c Release
  if [ "$operations" -gt 0 ]; then run_chaos "$project" "$operations" "$seed"; return; fi
  stop=$(( $(date +%s) + $(awk -v h="$hours" 'BEGIN { printf "%d", h * 3600 }') ))

  while if [ "$rounds" -gt 0 ]; then [ "$round" -lt "$rounds" ]; else [ "$(date +%s)" -lt "$stop" ]; fi; do
    round=$((round + 1))
    folder="$artifacts/soak/round-$round"
    rm -rf "$folder"
    mkdir -p "$folder"
    if dotnet test "$project" -c Release --no-build --logger "trx;LogFileName=$folder/report.trx" >"$folder/output.log" 2>&1; then
      echo "round $round: passed"
      rm -rf "$folder"
    else
      lost=$((lost + 1))
      echo "round $round: FAILED, see $folder"
    fi
  done

  echo "$((round - lost)) rounds passed, $lost failed"
  [ "$lost" -eq 0 ] && [ "$round" -gt 0 ]
}

# One long history of a cluster whose processes are killed, frozen and restarted; what is drawn for it comes from the seed.
run_chaos() {
  local project="$1" status=0
  export AKKARAFT_CHAOS_OPERATIONS="$2" AKKARAFT_CHAOS_LOG="$artifacts/soak/chaos.log"
  [ "$3" -eq 0 ] || export AKKARAFT_CHAOS_SEED="$3"
  mkdir -p "$artifacts/soak"
  rm -f "$AKKARAFT_CHAOS_LOG"
  echo "build.sh: how it goes is told in $AKKARAFT_CHAOS_LOG" >&2
  dotnet test "$project" -c Release --no-build --filter 'FullyQualifiedName~ChaosTests' >"$artifacts/soak/chaos-test.log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    cat "$artifacts/soak/chaos-test.log"
    echo "build.sh: FAILED; history, counterexample and the nodes' logs are in artifacts/process-tests" >&2
  else
    # The verdict and its figures.
    tail -n 5 "$AKKARAFT_CHAOS_LOG"
  fi
  return "$status"
}

run_demo() {
  echo "build.sh: building; the first time takes a minute or two" >&2
  dotnet build samples/ClusterLauncher -c Release --verbosity quiet >&2
  dotnet run --project samples/ClusterLauncher -c Release --no-build -- demo "$@"
}

run_bench() {
  local argument all=(--filter '*') program=(dotnet run --project tests/AkkaRaft.Benchmarks -c Release --)
  # What is measured in processes of its own is compiled ahead of time (AkkaRaft.Benchmarks.csproj).
  [ "${1:-}" = micro ] || export MakeReadyToRun=true
  case "${1:-}" in
    micro) shift ;;
    floors) "${program[@]}" "$@"; return ;;
    one|fail-over|bar) need_bench_tools; "${program[@]}" "$@"; return ;;
    *) need_bench_tools; "${program[@]}" compare "$@"; return ;;
  esac

  # Without one of these BenchmarkDotNet would ask on the terminal which benchmarks to run.
  for argument in "$@"; do
    case "$argument" in -f|-f=*|--filter|--filter=*|--list|--list=*|--help|--version) all=() ;; esac
  done
  "${program[@]}" micro -- --artifacts "$artifacts/bench" ${all[@]+"${all[@]}"} "$@"
}

run_mutants() {
  dotnet build tests/AkkaRaft.Mutants -c Release --verbosity quiet >&2
  dotnet run --project tests/AkkaRaft.Mutants -c Release --no-build -- "$@"
}

run_pack() {
  local project
  for project in src/*/*.csproj; do dotnet pack "$project" -c Release -o "$artifacts/packages"; done
}

run_clean() {
  rm -rf "$artifacts"
  find src samples tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} + 2>/dev/null || true
}

verb="${1:-help}"
[ $# -eq 0 ] || shift
case "$verb" in
  demo) run_demo "$@" ;;
  test) run_test "$@" ;;
  bench) run_bench "$@" ;;
  soak) run_soak "$@" ;;
  simulate) run_simulation "$@" ;;
  mutants) run_mutants "$@" ;;
  pack) run_pack ;;
  clean) run_clean ;;
  help) usage ;;
  *) usage >&2; fail "there is no verb '$verb'" ;;
esac
