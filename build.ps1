#!/usr/bin/env pwsh
#requires -Version 7.0
# The one way to do things here: ./build.ps1 VERB. Thin over dotnet; downloads no tools. build.sh has the same verbs.
# No param block: every argument, those that begin with a dash too, reaches the verb as it was written.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# Exit codes are looked at here, not turned into exceptions.
$PSNativeCommandUseErrorActionPreference = $false

$root = $PSScriptRoot
$artifacts = Join-Path $root 'artifacts'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_SKIP_FIRST_TIME_EXPERIENCE = '1'
$script:passed = 0
$script:failed = 0

function Show-Usage {
  Write-Host @'
usage: ./build.ps1 VERB [ARGUMENTS]

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
'@
}

function Stop-Build([string] $message, [int] $code = 2) {
  [Console]::Error.WriteLine("build.ps1: $message")
  exit $code
}

# What a test needs besides the SDK is found, or installed where that is possible; else the tests that need it fail, and this says why.
function Install-Needed([string] $package, [string] $why) {
  if ($IsLinux -and (Get-Command apt-get -ErrorAction SilentlyContinue) -and ((& id -u) -eq '0')) {
    [Console]::Error.WriteLine("build.ps1: installing the Debian package $package, $why")
    $env:DEBIAN_FRONTEND = 'noninteractive'
    & apt-get update -q | Out-Host
    & apt-get install -qy --no-install-recommends $package | Out-Host
    if ($LASTEXITCODE -eq 0) { return }
  }
  [Console]::Error.WriteLine("build.ps1: $package is not on this machine and could not be installed. It is needed here: $why; those tests will fail.")
  [Console]::Error.WriteLine("           Install $package, or run the command as root on Debian.")
}

# The tests of the PostgreSQL journal start a server of their own; only its programs must be there.
function Test-PostgreSql {
  if ((Get-Command initdb -ErrorAction SilentlyContinue) -and (Get-Command pg_ctl -ErrorAction SilentlyContinue)) { return }
  if (Test-Path '/usr/lib/postgresql/*/bin/initdb') { return }
  Install-Needed 'postgresql' 'whose server the tests of the PostgreSQL journal start'
}

# The process tests watch a node's fsync calls, fill up a small tmpfs that they mount, and cut nodes off in network namespaces that they make.
function Test-ProcessTools {
  if (-not $IsLinux) {
    [Console]::Error.WriteLine('build.ps1: the process tests of signals, full disks, fsync and networks need Linux, and will fail here.')
    return
  }
  if (-not (Test-Path '/usr/bin/strace')) { Install-Needed 'strace' 'with which a process test watches what a node syncs to its disk' }
  if (-not ((Get-Command ip -ErrorAction SilentlyContinue) -and (Get-Command tc -ErrorAction SilentlyContinue))) {
    Install-Needed 'iproute2' 'with which process tests make networks of their own and cut nodes off'
  }
  if ((& id -u) -ne '0') { [Console]::Error.WriteLine('build.ps1: not root: the process tests that mount a small tmpfs to fill it up, and those that make networks, will fail.') }
}

# The test projects of a part: unit, process, or all.
function Get-TestProjects([string] $part) {
  $tests = Get-ChildItem -Path (Join-Path $root 'tests') -Filter '*.csproj' -Recurse -Depth 1
  $samples = Get-ChildItem -Path (Join-Path $root 'samples') -Filter '*Tests.csproj' -Recurse -Depth 1
  @($tests) + @($samples) | Sort-Object FullName | Where-Object {
    switch ($_.BaseName) {
      { $_ -in 'AkkaRaft.Benchmarks', 'AkkaRaft.Mutants', 'AkkaRaft.Simulator' } { $false; break }
      'AkkaRaft.Process.Tests' { $part -ne 'unit'; break }
      default { $part -ne 'process' }
    }
  }
}

# Runs one built test project and adds to passed and failed. A project that crashed, or ran nothing, counts as one failure at least.
function Invoke-TestProject($project) {
  $report = Join-Path $artifacts "test/$($project.BaseName).trx"
  Remove-Item $report -Force -ErrorAction SilentlyContinue
  Write-Host "== $($project.BaseName)"
  & dotnet test $project.FullName -c Release --no-build --logger "trx;LogFileName=$report" | Out-Host
  $status = $LASTEXITCODE
  $good = 0
  $bad = 0
  if (Test-Path $report) {
    $counters = ([xml](Get-Content -Raw $report)).TestRun.ResultSummary.Counters
    $good = [int]$counters.passed
    # What was found but neither passed nor was skipped has failed, aborted or timed out.
    $bad = [int]$counters.executed - $good
  }
  if (($good + $bad) -eq 0 -or ($status -ne 0 -and $bad -eq 0)) {
    [Console]::Error.WriteLine("build.ps1: $($project.BaseName) ended with exit code $status and reported $good passed, $bad failed: counted as a failure")
    $bad++
  }
  # Which seeds the simulation took, and what really happened in them.
  if (Test-Path $report) { Select-String -Path $report -Pattern 'hunt: [^<]*' | ForEach-Object { Write-Host $_.Matches[0].Value } }
  $script:passed += $good
  $script:failed += $bad
}

# All mutants' patches must apply, and one of them, another one each time, must not survive. Counts as one test.
function Invoke-OneMutant {
  Write-Host '== mutants'
  & dotnet run --project (Join-Path $root 'tests/AkkaRaft.Mutants') -c Release --no-build -- --rotate --built --budget 90 --jobs 1 | Out-Host
  if ($LASTEXITCODE -eq 0) { $script:passed++ } else { $script:failed++ }
}

function Invoke-Test([string[]] $rest) {
  $part = if ($rest.Count -gt 0) { $rest[0] } else { 'all' }
  if ($part -notin 'all', 'unit', 'process') { Stop-Build "test knows the parts unit and process, not '$part'" }
  $projects = @(Get-TestProjects $part)
  if ($projects.Count -eq 0) { Stop-Build "there are no test projects in the part '$part'" }
  if ($part -ne 'process') { Test-PostgreSql }
  if ($part -ne 'unit') { Test-ProcessTools }
  New-Item -ItemType Directory -Force (Join-Path $artifacts 'test') | Out-Null

  & dotnet build AkkaRaft.sln -c Release | Out-Host
  if ($LASTEXITCODE -eq 0) {
    foreach ($project in $projects) { Invoke-TestProject $project }
    if ($part -ne 'process') { Invoke-OneMutant }
  } else {
    # What does build is tested all the same; what does not counts as a failure.
    foreach ($project in $projects) {
      & dotnet build $project.FullName -c Release --verbosity quiet | Out-Host
      if ($LASTEXITCODE -eq 0) {
        Invoke-TestProject $project
      } else {
        [Console]::Error.WriteLine("build.ps1: $($project.BaseName) does not build: counted as a failure")
        $script:failed++
      }
    }
    if ($script:failed -eq 0) {
      [Console]::Error.WriteLine('build.ps1: AkkaRaft.sln does not build: counted as a failure')
      $script:failed = 1
    }
  }

  Write-Host "$($script:passed) passed, $($script:failed) failed"
  $script:exitCode = [int]($script:failed -ne 0)
}

function Invoke-Soak([string[]] $rest) {
  $failures = @('--failures', (Join-Path $artifacts 'soak'))
  if ($rest.Count -eq 0) { Invoke-Project 'tests/AkkaRaft.Simulator' ($failures + @('--hours', '1')) }
  elseif ($rest[0] -eq 'process') { Invoke-ProcessSoak @($rest | Select-Object -Skip 1) }
  else { Invoke-Project 'tests/AkkaRaft.Simulator' ($failures + $rest) }
}

# One long history of a cluster whose processes are killed, frozen and restarted; what is drawn for it comes from the seed.
function Invoke-Chaos([string] $project, [int] $operations, [int] $seed) {
  $folder = Join-Path $artifacts 'soak'
  $log = Join-Path $folder 'chaos.log'
  New-Item -ItemType Directory -Force $folder | Out-Null
  Remove-Item $log -Force -ErrorAction SilentlyContinue
  $env:AKKARAFT_CHAOS_OPERATIONS = "$operations"
  $env:AKKARAFT_CHAOS_LOG = $log
  if ($seed -ne 0) { $env:AKKARAFT_CHAOS_SEED = "$seed" }
  [Console]::Error.WriteLine("build.ps1: how it goes is told in $log")
  & dotnet test $project -c Release --no-build --filter 'FullyQualifiedName~ChaosTests' *> (Join-Path $folder 'chaos-test.log')
  $script:exitCode = $LASTEXITCODE
  if ($script:exitCode -eq 0) { Get-Content $log -Tail 5 | Out-Host; return }
  Get-Content (Join-Path $folder 'chaos-test.log') | Out-Host
  [Console]::Error.WriteLine("build.ps1: FAILED; history, counterexample and the nodes' logs are in artifacts/process-tests")
}

function Invoke-ProcessSoak([string[]] $rest) {
  $hours = 1.0
  $rounds = 0
  $operations = 0
  $seed = 0
  for ($i = 0; $i -lt $rest.Count; $i += 2) {
    if ($i + 1 -ge $rest.Count) { Stop-Build "$($rest[$i]) needs a number" }
    $value = 0.0
    $culture = [Globalization.CultureInfo]::InvariantCulture
    if (-not [double]::TryParse($rest[$i + 1], [Globalization.NumberStyles]::Float, $culture, [ref]$value)) { Stop-Build 'soak needs numbers' }
    switch ($rest[$i]) {
      '--hours' { $hours = $value; $rounds = 0 }
      '--rounds' { $rounds = [int]$value }
      '--operations' { $operations = [int]$value }
      '--seed' { $seed = [int]$value }
      default { Stop-Build "soak process knows --hours H, --rounds N, and --operations N with --seed S, not '$($rest[$i])'" }
    }
  }
  $project = Join-Path $root 'tests/AkkaRaft.Process.Tests/AkkaRaft.Process.Tests.csproj'
  if (-not (Test-Path $project)) { Stop-Build "$project is not there" }
  & dotnet build $project -c Release | Out-Host
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

  if ($operations -gt 0) { Invoke-Chaos $project $operations $seed; return }
  $stop = (Get-Date).AddHours($hours)
  $round = 0
  $lost = 0
  while ($(if ($rounds -gt 0) { $round -lt $rounds } else { (Get-Date) -lt $stop })) {
    $round++
    $folder = Join-Path $artifacts "soak/round-$round"
    Remove-Item $folder -Recurse -Force -ErrorAction SilentlyContinue
    New-Item -ItemType Directory -Force $folder | Out-Null
    & dotnet test $project -c Release --no-build --logger "trx;LogFileName=$folder/report.trx" *> (Join-Path $folder 'output.log')
    if ($LASTEXITCODE -eq 0) {
      Write-Host "round ${round}: passed"
      Remove-Item $folder -Recurse -Force
    } else {
      $lost++
      Write-Host "round ${round}: FAILED, see $folder"
    }
  }

  Write-Host "$($round - $lost) rounds passed, $lost failed"
  $script:exitCode = [int]($lost -ne 0 -or $round -eq 0)
}

function Invoke-Pack {
  foreach ($project in Get-ChildItem -Path (Join-Path $root 'src') -Filter '*.csproj' -Recurse -Depth 1) {
    & dotnet pack $project.FullName -c Release -o (Join-Path $artifacts 'packages') | Out-Host
    if ($LASTEXITCODE -ne 0) { $script:exitCode = $LASTEXITCODE; return }
  }
}

function Invoke-Clean {
  Remove-Item $artifacts -Recurse -Force -ErrorAction SilentlyContinue
  foreach ($folder in 'src', 'samples', 'tests') {
    if (-not (Test-Path (Join-Path $root $folder))) { continue }
    Get-ChildItem -Path (Join-Path $root $folder) -Directory -Recurse -Depth 1 |
      Where-Object { $_.Name -in 'bin', 'obj' } | Remove-Item -Recurse -Force
  }
}

function Invoke-Bench([string[]] $rest) {
  $verb = if ($rest.Count -gt 0) { $rest[0] } else { '' }
  # What is measured in processes of its own is compiled ahead of time (AkkaRaft.Benchmarks.csproj).
  if ($verb -ne 'micro') { $env:MakeReadyToRun = 'true' }
  if ($verb -in 'one', 'fail-over', 'floors', 'bar') { Invoke-Project 'tests/AkkaRaft.Benchmarks' $rest; return }
  if ($verb -ne 'micro') { Invoke-Project 'tests/AkkaRaft.Benchmarks' (@('compare') + $rest); return }
  $rest = @($rest | Select-Object -Skip 1)
  # Without one of these BenchmarkDotNet would ask on the terminal which benchmarks to run.
  $chosen = @($rest | Where-Object { $_ -match '^(-f|--filter|--list|--help|--version)(=|$)' })
  $all = if ($chosen.Count -gt 0) { @() } else { @('--filter', '*') }
  Invoke-Project 'tests/AkkaRaft.Benchmarks' (@('micro', '--', '--artifacts', (Join-Path $artifacts 'bench')) + $all + $rest)
}

function Invoke-Project([string] $project, [string[]] $rest) {
  & dotnet run --project $project -c Release -- @rest | Out-Host
  $script:exitCode = $LASTEXITCODE
}

$verb = if ($args.Count -gt 0) { [string]$args[0] } else { 'help' }
[string[]] $rest = @($args | Select-Object -Skip 1 | ForEach-Object { [string]$_ })
$script:exitCode = 0

Push-Location $root
try {
switch ($verb) {
  'demo'  { Invoke-Project 'samples/ClusterLauncher' (@('demo') + $rest) }
  'test'  { Invoke-Test $rest }
  'bench' { Invoke-Bench $rest }
  'soak'  { Invoke-Soak $rest }
  'simulate' { Invoke-Project 'tests/AkkaRaft.Simulator' $rest }
  'mutants' { Invoke-Project 'tests/AkkaRaft.Mutants' $rest }
  'pack'  { Invoke-Pack }
  'clean' { Invoke-Clean }
  'help'  { Show-Usage }
  default { Show-Usage; Stop-Build "there is no verb '$verb'" }
}
} finally {
  Pop-Location
}
exit $script:exitCode
