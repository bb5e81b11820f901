// What all panels say, loaded with the first of them.

export type PanelKey = keyof typeof PANEL_STRINGS;

export const PANEL_STRINGS = {
  panelFailed: "This panel could not be shown",
  problemRetry: "Try again",
  problemCopy: "Copy details",
  notConnected: "Not connected.",
  notConnectedShort: "not connected",
  askingNode: "Asking the node.",
  askingNodeShort: "asking the node",
  pause: "Pause",
  goOn: "Go on",
  refresh: "Refresh",
  filter: "Filter",
  clear: "Clear",
  close: "Close",
  send: "Send",
  copy: "Copy",
  /** `{cost}` is a percentage. */
  costs: "costs {cost} of a scheduler",
  // Why a call to the node gave no result, by the code of the CallError. `{mfa}` is the function.
  call_exception: "{mfa} failed: {detail}",
  call_undef: "the node has no {mfa}",
  call_timeout: "{mfa} was ended, since it did not answer within {detail}",
  call_too_large: "{mfa} needed more memory than allowed and was ended",
  call_ended: "{mfa} was ended: {detail}",
  call_noconnection: "the connection was lost before {mfa} answered",
  call_refused: "the node did not start {mfa}: {detail}",
  dialogCancel: "Cancel",
  /** Below the question of a dialog. */
  dialogNode: "On {node}.",
  columnFailed: "failed: {message}",
  termNotLoaded: "{size} term, not loaded",
  redactFailed: "Not shown, since redacting it failed: {message}",
  termIncomplete: "not complete: {message}",
  notPid: "{text} is not a pid of {node}: expected <0.123.0>",
} as const;
