#!/usr/bin/env bash
# A Slurm job array of 8 parts fills one cache; one of the parts is killed and repeated. The shards must be those of one undisturbed process.
# Real slurmctld and slurmd on this host, from Debian's slurm-wlm, as root: apt-get install slurm-wlm. Not run in CI.
# Usage: slurm.sh [mails]      (dotnet build src/OrtPeft.Cli first)
set -euo pipefail
cd "$(dirname "$0")/../.."
mails=${1:-400}
root=$PWD
ortpeft=${ORTPEFT:-"dotnet $root/src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll"}
work=$(mktemp -d)
chmod 755 "$work"
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
mkdir -p "$work"/{state,spool,run}

# Two cores are offered as eight, so that all parts run at once, in each other's way.
cat > "$work/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$(hostname)(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/run/munge.socket
CredType=cred/munge
SlurmUser=root
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmdPidFile=$work/run/slurmd.pid
SlurmctldParameters=enable_configless
SlurmdParameters=config_overrides
JobRequeue=1
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf

dd if=/dev/urandom of="$work/run/munge.key" bs=1024 count=1 status=none
chmod 400 "$work/run/munge.key"
munged --foreground --key-file="$work/run/munge.key" --socket="$work/run/munge.socket" --pid-file="$work/run/munged.pid" --seed-file="$work/run/seed" \
  --log-file="$work/run/munged.log" --force & pids+=($!)
for _ in $(seq 50); do [[ -S $work/run/munge.socket ]] && break; sleep 0.2; done
slurmctld -D > "$work/slurmctld.log" 2>&1 & pids+=($!)
slurmd -D > "$work/slurmd.log" 2>&1 & pids+=($!)
for _ in $(seq 100); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.3; done
sinfo

$ortpeft demo --mails "$mails" --max-length 64 --out "$work/demo" --quiet > /dev/null
data=$work/demo/mail/train.jsonl
head -n "$mails" "$data" > "$work/mails.jsonl"
cache="cache --model $root/onnx-models/all-minilm-l6-v2 --data mails.jsonl --max-length 128 --quiet"
(cd "$work" && $ortpeft $cache --out one)

cat > "$work/part.sbatch" <<JOB
#!/usr/bin/env bash
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --output=part-%a.log
cd $work
# The third part dies the first time, in the middle of its work.
if [[ \$SLURM_ARRAY_TASK_ID == 3 && ! -e died ]]; then
  touch died
  $ortpeft $cache --threads 1 --out features --part 3/8 & sleep 4; kill -9 \$!; exit 1
fi
exec $ortpeft $cache --threads 1 --out features --part \$SLURM_ARRAY_TASK_ID/\$SLURM_ARRAY_TASK_COUNT
JOB
cd "$work"
sbatch --wait part.sbatch || echo "a part failed, as it should; it is submitted again"
sbatch --wait --array=3 --wrap "cd $work && $ortpeft $cache --threads 1 --out features --part 3/8"
cat part-*.log slurm-*.out 2>/dev/null | grep -v '^$' || true
$ortpeft cache merge features
for shard in one/shard-*; do cmp "$shard" "features/$(basename "$shard")"; done
cmp one/cache.json features/cache.json
[[ $(ls one/shard-* | wc -l) == $(ls features/shard-* | wc -l) ]]
echo "8 parts under $(sinfo --version): $(ls features/shard-* | wc -l) shards and the manifest are identical to those of one process"
