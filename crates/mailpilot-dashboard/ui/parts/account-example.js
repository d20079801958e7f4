// An account as it stands in a configuration file, to copy and change.

export const ACCOUNT_EXAMPLE = `accounts:
  - name: work
    imap:
      host: imap.example.com
      username: me@example.com
      password: \${WORK_PASSWORD}
    expected_interval: 15m
`;
