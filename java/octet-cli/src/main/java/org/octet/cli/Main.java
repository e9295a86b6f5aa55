package org.octet.cli;

import org.octet.tensor.OctetException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the {@code octet} command. */
@Command(
    name = "octet",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Int8 quantization and inference for the JVM.",
    subcommands = {DemoCommand.class, AccuracyCommand.class, DescribeCommand.class})
public final class Main {
  private Main() {}

  /** Runs a command and exits with its status: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Runs a command; returns its exit status. */
  static int execute(String... args) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setExecutionExceptionHandler(
        (e, cmd, parsed) -> {
          if (e instanceof OctetException || e instanceof java.io.IOException) {
            cmd.getErr().println("octet: " + e.getMessage());
            return 1;
          }
          throw e;
        });
    if (args.length == 0) {
      commandLine.usage(commandLine.getOut());
      return 2;
    }
    return commandLine.execute(args);
  }

  /** The library's version. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"octet " + org.octet.backend.Octet.version()};
    }
  }
}
