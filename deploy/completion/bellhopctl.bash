# bash completion for bellhopctl. Made by `bellhopctl completion bash`.

# The verbs and options of the command $1, and which of the options take a value.
_bellhopctl_command() {
  verbs=() options=() valued=()
  case $1 in
    '') verbs=(session top bandwidth file policy explain turn upstream config log events node whoami health drain undrain shutdown page doctor completion)
      options=(--help -h --address --tls-ca --tls-cert --tls-key --tls-name --plaintext --timeout --output -o --no-color --yes -y --version -V)
      valued=(--address --tls-ca --tls-cert --tls-key --tls-name --timeout --output -o) ;;
    'session') verbs=(list get watch end limit)
      options=(--help -h)
      valued=() ;;
    'session list') verbs=()
      options=(--help -h --filter --limit --sort)
      valued=(--filter --limit --sort) ;;
    'session get') verbs=()
      options=(--help -h)
      valued=() ;;
    'session watch') verbs=()
      options=(--help -h --filter --interval --strict --count)
      valued=(--filter --interval --count) ;;
    'session end') verbs=()
      options=(--help -h --filter --expect --dry-run)
      valued=(--filter --expect) ;;
    'session limit') verbs=()
      options=(--help -h)
      valued=() ;;
    'top') verbs=()
      options=(--help -h --sort --filter --once)
      valued=(--sort --filter) ;;
    'bandwidth') verbs=(now history talkers)
      options=(--help -h)
      valued=() ;;
    'bandwidth now') verbs=()
      options=(--help -h --by --limit --watch --interval --strict --count)
      valued=(--by --limit --interval --count) ;;
    'bandwidth history') verbs=()
      options=(--help -h --since --until --step --by --kind --domain --jid --chart)
      valued=(--since --until --step --by --kind --domain --jid) ;;
    'bandwidth talkers') verbs=()
      options=(--help -h --window --by --limit)
      valued=(--window --by --limit) ;;
    'file') verbs=(list show link expire delete usage)
      options=(--help -h)
      valued=() ;;
    'file list') verbs=()
      options=(--help -h --owner --older-than --larger-than --filter --limit --sort)
      valued=(--owner --older-than --larger-than --filter --limit --sort) ;;
    'file show') verbs=()
      options=(--help -h)
      valued=() ;;
    'file link') verbs=()
      options=(--help -h)
      valued=() ;;
    'file expire') verbs=()
      options=(--help -h)
      valued=() ;;
    'file delete') verbs=()
      options=(--help -h --owner --older-than --larger-than --filter --expect --dry-run)
      valued=(--owner --older-than --larger-than --filter --expect) ;;
    'file usage') verbs=()
      options=(--help -h --owners)
      valued=(--owners) ;;
    'policy') verbs=(access quota rate usage)
      options=(--help -h)
      valued=() ;;
    'policy access') verbs=(list set delete)
      options=(--help -h)
      valued=() ;;
    'policy access list') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy access set') verbs=()
      options=(--help -h --comment --expires --dry-run)
      valued=(--comment --expires) ;;
    'policy access delete') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy quota') verbs=(list set delete)
      options=(--help -h)
      valued=() ;;
    'policy quota list') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy quota set') verbs=()
      options=(--help -h --daily --monthly --sessions --stored --files --file --dry-run)
      valued=(--daily --monthly --sessions --stored --files --file) ;;
    'policy quota delete') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy rate') verbs=(list set delete)
      options=(--help -h)
      valued=() ;;
    'policy rate list') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy rate set') verbs=()
      options=(--help -h --dry-run)
      valued=() ;;
    'policy rate delete') verbs=()
      options=(--help -h)
      valued=() ;;
    'policy usage') verbs=()
      options=(--help -h)
      valued=() ;;
    'explain') verbs=()
      options=(--help -h --kind)
      valued=(--kind) ;;
    'turn') verbs=(show credentials)
      options=(--help -h)
      valued=() ;;
    'turn show') verbs=()
      options=(--help -h)
      valued=() ;;
    'turn credentials') verbs=()
      options=(--help -h --ttl)
      valued=(--ttl) ;;
    'upstream') verbs=(list reconnect)
      options=(--help -h)
      valued=() ;;
    'upstream list') verbs=()
      options=(--help -h)
      valued=() ;;
    'upstream reconnect') verbs=()
      options=(--help -h)
      valued=() ;;
    'config') verbs=(check show reload)
      options=(--help -h)
      valued=() ;;
    'config check') verbs=()
      options=(--help -h)
      valued=() ;;
    'config show') verbs=()
      options=(--help -h)
      valued=() ;;
    'config reload') verbs=()
      options=(--help -h --dry-run)
      valued=() ;;
    'log') verbs=(get set)
      options=(--help -h)
      valued=() ;;
    'log get') verbs=()
      options=(--help -h)
      valued=() ;;
    'log set') verbs=()
      options=(--help -h --ttl)
      valued=(--ttl) ;;
    'events') verbs=()
      options=(--help -h --type --snapshot --strict --count)
      valued=(--type --count) ;;
    'node') verbs=()
      options=(--help -h)
      valued=() ;;
    'whoami') verbs=()
      options=(--help -h)
      valued=() ;;
    'health') verbs=()
      options=(--help -h)
      valued=() ;;
    'drain') verbs=()
      options=(--help -h --timeout --no-wait)
      valued=(--timeout) ;;
    'undrain') verbs=()
      options=(--help -h)
      valued=() ;;
    'shutdown') verbs=()
      options=(--help -h --timeout)
      valued=(--timeout) ;;
    'page') verbs=()
      options=(--help -h)
      valued=() ;;
    'doctor') verbs=()
      options=(--help -h)
      valued=() ;;
    'completion') verbs=(bash zsh)
      options=(--help -h)
      valued=() ;;
    'completion bash') verbs=()
      options=(--help -h)
      valued=() ;;
    'completion zsh') verbs=()
      options=(--help -h)
      valued=() ;;
  esac
}

# What may stand at $1: `command:--option`, or `command:0` for its first argument.
_bellhopctl_values() {
  values=() names='' files=''
  case $1 in
    'session list':--sort) values=(rate bytes age newest) ;;
    'session get':0) names=sessions ;;
    'session end':[0-9]*) names=sessions ;;
    'session limit':0) names=sessions ;;
    'session limit':1) values=(none) ;;
    'top':--sort) values=(rate bytes age newest) ;;
    'bandwidth now':--by) values=(kind domain jid) ;;
    'bandwidth history':--by) values=(kind domain jid) ;;
    'bandwidth talkers':--window) values=(minute hour day) ;;
    'bandwidth talkers':--by) values=(jid domain) ;;
    'file list':--sort) values=(size age newest) ;;
    'file show':0) names=files ;;
    'file link':0) names=files ;;
    'file expire':0) names=files ;;
    'file expire':1) values=(never) ;;
    'file delete':[0-9]*) names=files ;;
    'policy access set':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy access set':1) values=(allow deny) ;;
    'policy access delete':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy quota set':--daily) values=(none) ;;
    'policy quota set':--monthly) values=(none) ;;
    'policy quota set':--sessions) values=(none) ;;
    'policy quota set':--stored) values=(none) ;;
    'policy quota set':--files) values=(none) ;;
    'policy quota set':--file) values=(none) ;;
    'policy quota set':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy quota delete':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy rate set':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy rate delete':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'policy usage':0) values=(jid: domain: 'jid:*' 'domain:*' total) ;;
    'explain':--kind) values=(socks5 upload download dav turn relay-channel) ;;
    'upstream reconnect':0) names=upstreams ;;
    'config check':0) files=yes ;;
    'log set':0) values=(trace debug info warn error) ;;
    'events':--type) values=(session upstream policy config node audit) ;;
    *:--tls-ca) files=yes ;;
    *:--tls-cert) files=yes ;;
    *:--tls-key) files=yes ;;
    *:--output|*:-o) values=(table json) ;;
  esac
}

_bellhopctl_has() {
  local wanted=$1 one
  shift
  for one; do [[ $one == "$wanted" ]] && return 0; done
  return 1
}

_bellhopctl() {
  local program=$1 line=${COMP_LINE:0:COMP_POINT} current='' place='' expects='' position=0
  local word names files
  local -a words verbs options valued values root_options root_valued address=()
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] || { current=${words[-1]} && unset 'words[-1]'; }
  _bellhopctl_command ''
  root_options=("${options[@]}") root_valued=("${valued[@]}")
  for word in "${words[@]:1}"; do
    if [[ -n $expects ]]; then
      [[ $expects == --address ]] && address=(--address "$word")
      expects=''
    elif [[ $word == -* ]]; then
      _bellhopctl_has "$word" "${valued[@]}" "${root_valued[@]}" && expects=$word
    elif _bellhopctl_has "$word" "${verbs[@]}"; then
      place=${place:+$place }$word
      _bellhopctl_command "$place"
    else
      position=$((position + 1))
    fi
  done
  if [[ $current == --*=* ]]; then
    expects=${current%%=*} current=${current#*=}
  fi
  if [[ -n $expects ]]; then
    _bellhopctl_values "$place:$expects"
  elif [[ $current == -* ]]; then
    values=("${options[@]}" "${root_options[@]}") names='' files=''
  else
    _bellhopctl_values "$place:$position"
    values+=("${verbs[@]}")
  fi
  if [[ -n $names ]]; then
    while read -r word; do values+=("$word"); done \
      < <("$program" "${address[@]}" completion names "$names" 2>/dev/null)
  fi
  COMPREPLY=()
  if [[ -n $files ]]; then
    compopt -o filenames
    while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    return
  fi
  local cut=''
  [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && cut=${current%"${current##*:}"}
  for word in "${values[@]}"; do
    [[ $word == "$current"* ]] || continue
    [[ $word == *: ]] && compopt -o nospace
    COMPREPLY+=("${word#"$cut"}")
  done
}

complete -F _bellhopctl bellhopctl
