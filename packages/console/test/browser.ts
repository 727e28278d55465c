// A real browser for the end-to-end test, where one is installed.
import { existsSync } from "node:fs";
import path from "node:path";

/** The browser's program: CHROMIUM_PATH, else Chromium, Chrome or Edge where they usually are; undefined: none. */
export function browserProgram(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = environment.CHROMIUM_PATH;
  if (given !== undefined && given !== "") return given;
  return candidates(environment).find((file) => existsSync(file));
}

// Internal

function candidates(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform === "darwin") {
    const applications = ["/Applications", path.join(environment.HOME ?? "", "Applications")];
    return applications.flatMap((folder) =>
      ["Google Chrome", "Chromium", "Microsoft Edge"].map((name) => `${folder}/${name}.app/Contents/MacOS/${name}`),
    );
  }
  if (process.platform === "win32") {
    const folders = [environment.PROGRAMFILES, environment["PROGRAMFILES(X86)"], environment.LOCALAPPDATA];
    const programs = [
      "Google/Chrome/Application/chrome.exe",
      "Chromium/Application/chrome.exe",
      "Microsoft/Edge/Application/msedge.exe",
    ];
    return folders.flatMap((folder) => (folder === undefined ? [] : programs.map((name) => path.join(folder, name))));
  }
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable"];
  return ["/usr/bin", "/usr/local/bin", "/snap/bin"].flatMap((folder) => names.map((name) => `${folder}/${name}`));
}
