package org.octet.cli;

import java.util.concurrent.Callable;
import org.octet.backend.Octet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says which backend and instruction set run here, and why better ones do not. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description =
        "Version, platform, the chosen instruction set, and why a better one is not used.")
final class DescribeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(Octet.describe());
    return 0;
  }
}
