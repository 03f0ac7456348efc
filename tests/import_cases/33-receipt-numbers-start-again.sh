#!/bin/bash
# REVISIT=<checkout>/.venv/bin/revisit REVISIT_HOME=<empty folder> bash command.sh
cd "$(dirname "$0")"
R=${REVISIT:-revisit}
C=x
$R create_chain --schema $C --name $C --time-zone Asia/Shanghai --json >/dev/null
$R import_data stores stores.csv --chain $C --json >/dev/null
$R import_data visits march.csv --chain $C --store S1 --create-missing --json
$R import_data visits april.csv --chain $C --store S1 --create-missing --answer receipts:days=separate --json
$R repurchase --chain $C --from 2025-01-01 --to 2026-01-01 --json
