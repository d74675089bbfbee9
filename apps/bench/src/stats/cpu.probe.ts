// Loaded into a process by --import: on SIGWINCH it prints the CPU time (us) that the process has used since it began.
process.on('SIGWINCH', () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(`CPU TIME ${user + system}\n`);
});
