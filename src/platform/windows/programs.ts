/** The tools of Windows that are asked, by their full paths: the directory of the caller comes first in the search there. */

const ROOT = process.env.SystemRoot ?? 'C:\\Windows';

export const NETSTAT = `${ROOT}\\System32\\netstat.exe`;
export const NETSH = `${ROOT}\\System32\\netsh.exe`;
export const POWERSHELL = `${ROOT}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
export const HOSTS = `${ROOT}\\System32\\drivers\\etc\\hosts`;

/** Output would come in the code page of the console else. */
const PLAIN = "$ProgressPreference='SilentlyContinue';[Console]::OutputEncoding=[Text.Encoding]::UTF8;";

function script(text: string): readonly string[] {
  return ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', PLAIN + text];
}

export const LIST_PROCESSES = script(
  'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,SessionId,Name,ExecutablePath,CommandLine,CreationDate | ConvertTo-Json -Compress',
);

export const LIST_BOUND = script(
  'Get-NetTCPConnection -State Bound -ErrorAction SilentlyContinue | Select-Object LocalAddress,LocalPort,OwningProcess | ConvertTo-Json -Compress',
);
