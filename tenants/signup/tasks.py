from celery import shared_task

from tenants.signup import chain_finder


@shared_task(acks_late=True)
def email_sign_in_links(email: str) -> None:
    """E-mail the sign-in links of an address's chains to that address."""
    chain_finder.email_sign_in_links(email)
